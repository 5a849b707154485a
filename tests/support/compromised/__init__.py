# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A compromised managed host in a play: `root` there decides how each module answers.

interpreter.py   the program that takes the place of Python on such a host
played_host.py   one such host: its answers, and a record of every module that it was asked to run
answers.py       the answers of an honest host, module by module
trust_scene.py   a controller with its secrets, an inventory of such hosts, and plays on any ansible-core
our_names.py     every variable, entry point and playbook of the collection
"""

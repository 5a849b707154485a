# Copyright: (c) 2026, secure.ftp_synchronize contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that others wrote and that are no part of a Debian set-up of this project: one starter each.

They run on this machine as the account, in one process that ends with the test.
"""

# SPDX-License-Identifier: Apache-2.0
"""Malformed files, a module per kind: make(save, folder) writes them."""

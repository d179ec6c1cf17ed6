# SPDX-License-Identifier: Apache-2.0
"""The smallest writers of the formats that are read: what is malformed starts from them. They need nothing but Python."""

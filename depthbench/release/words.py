# SPDX-License-Identifier: Apache-2.0
"""What only the publisher knows of a release, as it stands in its card and catalogue entry."""

from __future__ import annotations

from dataclasses import dataclass

LICENSE_URLS = {
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "mit": "https://opensource.org/license/mit",
}
"""SPDX name in lower case -> where the terms stand."""


@dataclass(frozen=True)
class Words:
    """Told by whoever publishes.

    Attributes
    ----------
    license : str
        SPDX name, or a URL.
    creator, url, citation : str
    by_organisation : bool
        Whether the creator is an organisation and not a person.
    known_issues : tuple of str
        A sentence each.
    changelog : str
        Markdown: versions with what was wrong and is put right; "" for a first version.
    """

    license: str
    creator: str
    url: str
    citation: str
    by_organisation: bool = True
    known_issues: tuple[str, ...] = ()
    changelog: str = ""

    @property
    def license_url(self) -> str:
        """Where the terms stand; of an unknown SPDX name its page at spdx.org."""
        if "://" in self.license:
            return self.license
        return LICENSE_URLS.get(self.license.lower(), f"https://spdx.org/licenses/{self.license}.html")

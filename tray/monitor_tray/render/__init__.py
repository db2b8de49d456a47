"""How a report is shown: as JSON for programs, as text on a terminal, as a page in a browser.

Each renderer is a function of a `Report`; none of them reads the clock, the store or the settings.
"""

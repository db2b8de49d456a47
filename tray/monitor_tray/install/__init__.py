"""What is written outside of our own home folder: hook entries for Claude Code and the login entry.

Nothing here prints or asks; the commands show what these modules return.
"""

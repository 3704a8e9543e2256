"""Sidereal over HTTP, as pages and on the command line; decides nothing itself."""

"""The figures of the design, measured: `python -m bench` prints them as JSON.

Each figure is measured beside its baseline in the same run, the two taking turns, and medians are
compared, because one machine is not like another and no machine is the same twice. Nothing here
is part of the product or of its tests.
"""

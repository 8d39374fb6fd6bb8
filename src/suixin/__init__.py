"""Suixin 穗信: a rural merchant's trading record, turned into credit that can be explained."""

__version__ = "0.1.0"

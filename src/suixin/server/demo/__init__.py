"""A bank that has lived: two years of a seeded county, made by the same actions that people use.

Importing this package starts Django.
"""

from suixin.server.start import start

start()

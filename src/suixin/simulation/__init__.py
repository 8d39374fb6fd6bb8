"""A seeded rural county: households, merchants, seasons, orders, parcels, weather, prices, loans."""

from suixin.simulation.simulate import SimulationSummary, simulate

__all__ = ["SimulationSummary", "simulate"]

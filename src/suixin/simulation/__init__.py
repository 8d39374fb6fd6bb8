"""A seeded rural county: households, merchants, seasons, orders, parcels, weather, prices, loans, brushers."""

from suixin.simulation.brushing import Brushing
from suixin.simulation.simulate import SimulationSummary, simulate

__all__ = ["Brushing", "SimulationSummary", "simulate"]

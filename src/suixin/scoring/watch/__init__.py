"""Early warning for live borrowers: measures, points, levels and alerts, all pure."""

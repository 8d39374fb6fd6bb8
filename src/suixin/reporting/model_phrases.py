"""The English words of the model card; they are the msgids that the catalogue translates."""

KINDS = {
    "scorecard": "points scorecard",
    "thin": "thin-file model (ranks with known signs)",
    "boosted": "boosted model (LightGBM under monotone constraints)",
    "blend": "blend of thin-file and boosted model",
    "champion": "the way of choosing (champion)",
}

FIGURES = {
    "auc": "AUC",
    "ks": "KS",
    "brier": "Brier",
    "ece": "calibration error (ECE)",
    "log_loss": "log-loss",
}

VERDICTS = {
    "each_tree": "proved, tree by tree",
    "sum": "proved for the sum of the trees",
    "broken": "refuted",
    "unproven": "not proved",
}

TEXTS = {
    "title": "Model card",
    "what": "What it is",
    "kind": "family",
    "horizon": "horizon in days",
    "definition": "definition of default",
    "owner": "owner",
    "nobody": "not named",
    "use": "It gives the probability that a rural merchant defaults. It may price and rank credit within the policy's "
    "rules, limits and checks; it decides nothing alone, and it says nothing of merchants unlike those below.",
    "data": "What it learned from",
    "rows": "borrowers with a known outcome",
    "defaults": "of these defaulted",
    "indeterminate": "left out: horizon not over",
    "span": "as-of dates",
    "to": "{first} to {last}",
    "on": "known on",
    "sources": "sources",
    "rejects": "rejected applicants",
    "rejects_off": "not learned from (reject inference is off)",
    "good": "How good it is",
    "good_how": "Out of sample only: {parts} parts, {repeats} repetitions, settings, calibration and the choice of the "
    "family made anew in each; 90 % intervals corrected for overlapping training sets.",
    "figure": "figure",
    "mean": "mean",
    "interval": "90 % interval",
    "floor": "A perfect model would show a calibration error of {floor} by chance on so many borrowers.",
    "later": "Trained on the earlier and tested on the borrowers from {day}",
    "candidates": "Every family that competed",
    "chosen": "times chosen",
    "features": "What it looks at",
    "feature": "feature",
    "share": "share of the score",
    "direction": "direction",
    "proof": "proof",
    "crossed": "Pairs with points of their own",
    "crossed_how": "These points come on top of the points of each feature alone, for two features may say more together "
    "than each does. Find the row of the one and the column of the other. More risk in either never brings more points.",
    "band_below": "below {high}",
    "band": "{low} to below {high}",
    "band_from": "from {low}",
    "band_unknown": "unknown",
    "safer": "more is safer",
    "riskier": "more is riskier",
    "neutral": "free",
    "loss": "Expected loss",
    "lgd": "loss given default",
    "lgd_measured": "measured on {n} defaults",
    "lgd_assumed": "assumed by the policy; {n} defaults with a known workout are too few",
    "left": "What was left out",
    "leaks": "knows the answer",
    "groups": "Groups",
    "groups_how": "Cross-fitted; groups of fewer than 30 borrowers are hidden. Calibration is mean probability less "
    "observed rate: above nil the model is too strict with the group.",
    "group": "group",
    "people": "borrowers",
    "approval": "reach the accept line",
    "observed": "defaulted",
    "calibration": "calibration",
    "limits": "Limits",
    "limits_text": "It learned from borrowers who were accepted. Figures from a simulated county say that the machine "
    "works and nothing about a real one. It is to be validated by someone other than its owner before release, and "
    "retires by the rule that its release names.",
}

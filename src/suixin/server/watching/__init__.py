"""Early warning on a lender's live loans: one look a business date, and the alerts that people work on."""

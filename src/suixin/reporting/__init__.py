"""The decision book for people: a page, a workbook and a card for the terminal, in Chinese and English."""

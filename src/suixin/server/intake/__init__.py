"""What comes into a house's lake: who delivers and how well, which rows were set aside, and how they are mended.

A lake belongs to one data holder, the lender's house whose desk reads it; the client of a platform is a client *of that
house*. A platform's own organisation has no desk and no lake here, and sees none. Within the house the role *operator* looks
after deliveries, be it one of the bank's people or one of the platform's to whom two administrators gave it: it sees what is
masked, takes real values away only to mend them, and the log has a line each time.
"""

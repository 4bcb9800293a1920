"""When does it arrive?  Measured stages, counted in working days, told with a probability.

Pure Python: life tables and ratios per stage (`tables`), the open days of a calendar (`days`), both stages put together
(`arrival`), the level that keeps the promise honest (`level`), the day-by-day learning (`learning`), what one delivery
service has shown (`service`), the watch over what is on its way (`warning`), a whole history of it (`replay`), and how
well all of it did (`scores`).
Source: delivery reference 1.3, 1.6.
"""

"""Words of orders: what shoppers and staff read about dates, delays and scans."""

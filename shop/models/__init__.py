"""Tables of the shop: people, catalogue, stock, calendars, the event log and what comes in from outside."""

from shop.models.address import FormerAddress
from shop.models.alert import StockAlert
from shop.models.calendar import BusinessCalendar, CalendarException, CalendarVersion, OpeningInterval, WeekdayCutoff
from shop.models.catalogue import (
    Category,
    Material,
    MeasurementDefinition,
    OptionType,
    OptionValue,
    Product,
    ProductImage,
    SizeGuide,
    SizeGuideRow,
    Variant,
    VariantMeasurement,
)
from shop.models.event import Event, EventDelivery
from shop.models.facts import FibreShare, Pairing, PhotoModel, SizeName
from shop.models.finding import Listing, ListingDue, SearchWord, Tally
from shop.models.inbound import Inbound
from shop.models.machine import Heartbeat, RateLimit
from shop.models.own_size import SizeProfile
from shop.models.people import AccountLetter, User
from shop.models.personal import DataFile, DataRequest, ForgottenAddress, Redaction
from shop.models.pictures import UploadedPicture
from shop.models.price import PriceInterval
from shop.models.questions import ProductQuestion
from shop.models.reduction import ReducedPrice, Reduction
from shop.models.stock import (
    LowStock,
    StockArrival,
    StockCount,
    StockCountLine,
    StockLevel,
    StockLocation,
    StockMovement,
    StockReservation,
)
from shop.models.voices import Area, FitAlarm, FitKnowledge, FitVote, Review, ReviewPhoto, Verdict, Voices

__all__ = [
    "AccountLetter",
    "Area",
    "BusinessCalendar",
    "CalendarException",
    "CalendarVersion",
    "Category",
    "DataFile",
    "DataRequest",
    "Event",
    "EventDelivery",
    "FibreShare",
    "FitAlarm",
    "FitKnowledge",
    "FitVote",
    "ForgottenAddress",
    "FormerAddress",
    "Heartbeat",
    "Inbound",
    "Listing",
    "ListingDue",
    "LowStock",
    "Material",
    "MeasurementDefinition",
    "OpeningInterval",
    "OptionType",
    "OptionValue",
    "Pairing",
    "PhotoModel",
    "PriceInterval",
    "Product",
    "ProductImage",
    "ProductQuestion",
    "RateLimit",
    "Redaction",
    "ReducedPrice",
    "Reduction",
    "Review",
    "ReviewPhoto",
    "SearchWord",
    "SizeGuide",
    "SizeGuideRow",
    "SizeName",
    "SizeProfile",
    "StockAlert",
    "StockArrival",
    "StockCount",
    "StockCountLine",
    "StockLevel",
    "StockLocation",
    "StockMovement",
    "StockReservation",
    "Tally",
    "UploadedPicture",
    "User",
    "Variant",
    "VariantMeasurement",
    "Verdict",
    "Voices",
    "WeekdayCutoff",
]

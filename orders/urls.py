"""Addresses of bag, checkout, tracking and the courier's webhook."""

from __future__ import annotations

from django.urls import path

from orders.views import (
    arrival,
    bag,
    bag_extras,
    changing,
    checkout,
    choices,
    courier_hook,
    drafts,
    mine,
    missing,
    proof,
    reviewing,
    stripe_hook,
    thanks,
    tracking,
    wishlist,
)

app_name = "orders"
urlpatterns = [
    path("account/orders/", mine.orders, name="mine"),
    path("account/orders/<str:number>/", mine.order, name="mine-one"),
    path("account/credit/", mine.credit, name="credit"),
    path("account/addresses/", mine.addresses, name="addresses"),
    path("account/addresses/<int:address_id>/", mine.address, name="address"),
    path("account/addresses/<int:address_id>/removal/", mine.address_gone, name="address-gone"),
    path("bag/", bag.bag, name="bag"),
    path("bag/add/", bag.add, name="bag-add"),
    path("bag/lines/<int:line_id>/", bag.change, name="bag-change"),
    path("bag/voucher/", bag_extras.voucher, name="bag-voucher"),
    path("bag/vouchers/<int:voucher_id>/removal/", bag_extras.voucher_removal, name="bag-voucher-removal"),
    path("bag/gift/", bag_extras.gift, name="bag-gift"),
    path("bag/sending/", bag_extras.sending, name="bag-sending"),
    path("wishlist/", wishlist.wish_list, name="wishlist"),
    path("wishlist/add/", wishlist.add, name="wishlist-add"),
    path("wishlist/lines/<int:line_id>/", wishlist.change, name="wishlist-change"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("drafts/<str:token>/", drafts.draft, name="draft"),
    path("orders/find/", tracking.find, name="find"),
    path("orders/<str:token>/", tracking.track, name="track"),
    path("orders/<str:token>/thanks/", thanks.thanks, name="thanks"),
    path("orders/<str:token>/arrival.ics", thanks.arrival, name="arrival"),
    path("orders/<str:token>/code/", proof.prove, name="prove"),
    path("orders/<str:token>/cancellation/", thanks.cancellation, name="cancel"),
    path("orders/<str:token>/review/<int:line_id>/", reviewing.review, name="review"),
    path("orders/<str:token>/missing/<int:case_id>/", missing.missing, name="missing"),
    path("orders/<str:token>/documents/<str:number>.pdf", thanks.document, name="document"),
    path("orders/<str:token>/payment/", thanks.payment, name="payment"),
    path("arrived/<str:signed>/", arrival.arrived, name="arrived"),
    path("hooks/stripe/", stripe_hook.stripe_hook, name="stripe-hook"),
    path("orders/<str:token>/choice/", choices.choose, name="choose"),
    path("orders/<str:token>/instead/", choices.instead, name="instead"),
    path("orders/<str:token>/pieces/", changing.pieces, name="pieces"),
    path("orders/<str:token>/delivery/", changing.delivery, name="delivery"),
    path("hooks/courier/<str:provider>/", courier_hook.courier_hook, name="courier-hook"),
]

"""Short descriptions of what privacy policies speak of; a question and a passage share a topic."""

from __future__ import annotations

# Written for this project. The choice of practices follows the categories of the OPP-115 corpus
# (Wilson et al., ACL 2016), split where laypeople ask about one side of a category only.
PRACTICES = (
    "what personal information the company collects about you",
    "information collected automatically from your device, such as IP address and logs",
    "cookies, web beacons and other tracking technologies",
    "location data and where you are",
    "purposes for which the company uses your personal information",
    "advertising, marketing messages and how to opt out of them",
    "sharing your information with service providers and partners",
    "selling personal information to third parties",
    "disclosing information to the police, courts and government because of law",
    "what happens to your data in a merger or sale of the business",
    "how long data is kept and when it is deleted",
    "security measures such as encryption that protect your data",
    "your rights to access, correct, download or delete your data",
    "choices, settings and consent, and how to withdraw it",
    "children and minors under an age limit",
    "transfers of data to other countries",
    "changes to this privacy policy and how you are told",
    "how to contact the company or complain to an authority",
    "residents of California, Europe and other places with special rights",
    "what other users and the public can see",
    "payments, credit cards and purchases",
    "signing in, accounts and social networks",
)

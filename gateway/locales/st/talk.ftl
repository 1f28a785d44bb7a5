### Sentences that are the same for everybody. The arguments are explained in en/talk.ftl.

# REVIEW
help =
    Ke boloka setoko sa hao. Mohlala, ngola:
    "eketsa 20 lebese" · "ke rekisitse mahobe a 3" · "robehile 2 mahe"
    "badile 40 sekurufu" · "ho setse mahe a makae" · "setoko"
    "etsolla" e kgutlisa ya ho qetela.
# REVIEW
hello = 👋 Dumela! Mpolelle se keneng kapa se rekisitsweng, tjena: "eketsa 20 bohobe" kapa "ke rekisitse 3 lebese"
# REVIEW
welcome = 👍
# REVIEW
not-understood = ❓ Ha ke a utlwisisa seo. Leka: "ke rekisitse mahobe a 3", "eketsa 20 lebese", "ho setse mahe a makae"
# REVIEW
plain-words-only = ❓ Ha ke a utlwisisa seo. Ho fihlela hosane ke bala dipolelo tse bonolo feela, jwaloka "ke rekisitse mahobe a 3" kapa "eketsa 20 lebese"
# REVIEW
nothing-changed = 👍 Ha ho letho le fetohileng.
# REVIEW
out-of-scope = Ke boloka setoko. Seo ha ke eso kgone ho se etsa.
# REVIEW
not-yet = Seo ha ke eso kgone ho se etsa. Ha ho letho le fetohileng. Nka eketsa, ka tlosa, ka bala, ka bontsha setoko le ho etsolla.
# REVIEW
stranger = Nomoro ena ha e a hokelwa lebenkeleng. Kopa mong wa lebenkele a o kenye.

## Messages that cannot be read

# REVIEW
too-long = ❓ E telele haholo hore ke e bale ka polokeho. Ha ho letho le fetohileng. E romele ka melaetsa e mekgutshwane.
# REVIEW
cannot-read = ❓ Ha ke kgone ho bala molaetsa wa mofuta oo. Ha ho letho le fetohileng. Ngola tjena: "eketsa 20 lebese"
# REVIEW
no-video = ❓ Ha ke kgone ho shebella divideo. Ha ho letho le fetohileng. Ngola tjena: "eketsa 20 lebese"
# REVIEW
no-location = Ke boloka setoko. Ha ke kgone ho sebedisa sebaka sa mmapa. Ha ho letho le fetohileng.
# REVIEW
no-orders = Ke boloka setoko. Ha ke kgone ho nka diodara. Ha ho letho le fetohileng. Ha di rekisitswe, romela "ke rekisitse mahobe a 3"
# REVIEW
file-lost = ❓ WhatsApp e sitilwe ho mpha faele eo. Ha ho letho le fetohileng. Romela e nyane, kapa o ngole tjena: "eketsa 20 lebese"

## Our fault

# REVIEW
failed = ⚠️ Ha ho a bolokwa, lehlakore la rona le hlolehile. Ha ho letho le fetohileng. Se romele hape kamora motsotso. Nomoro { $reference }
# REVIEW
failed-in-doubt = ⚠️ Lehlakore la rona le hlolehile pele re araba. Romela "setoko" ho bona hore na ho bolokilwe pele o se romela hape. Nomoro { $reference }

## A message that was changed or deleted after it was handled

# REVIEW
stands-changed = ⚠️ O fetotse molaetsa. Setoko ha se a fetoha le wona.
# REVIEW
stands-deleted = ⚠️ O hlakotse molaetsa. Setoko ha se a kgutliswa.
# REVIEW
stands-changed-or-deleted = ⚠️ O fetotse kapa o hlakotse molaetsa. Setoko ha se a kgutliswa.
# REVIEW
stands-unclear = ❓ Ke sitilwe ho bala seo. Haeba o fetotse kapa o hlakotse molaetsa: setoko ha se a kgutliswa.
# REVIEW
still-counts = Ho sa balwa: { $lines }
# REVIEW
last-saved = Tse bolokilweng qetellong: { $lines }
# REVIEW
a-count = palo
# REVIEW
stands-no-more = ↩️ Seo molaetsa oo o se bolokileng se se se etsolotswe. Ha ho letho le fetohileng.
# REVIEW
changed-for-nothing = ❓ Ha ke kgone ho bala molaetsa o fetotsweng hamorao. Ha ho letho le fetohileng. O romele e le o motjha.

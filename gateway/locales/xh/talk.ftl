### Sentences that are the same for everybody. The arguments are explained in en/talk.ftl.

# REVIEW
help =
    Ndigcina isitokhwe sakho. Umzekelo, bhala:
    "faka 20 ubisi" · "ndithengise izonka ezi-3" · "zaphukile 2 amaqanda"
    "ndibale 40 izikrufu" · "mangaphi amaqanda" · "isitokhwe"
    "rhoxisa" ibuyisa okokugqibela.
# REVIEW
hello = 👋 Molo! Ndixelele okungenileyo okanye okuthengisiweyo, ngolu hlobo: "faka 20 isonka" okanye "ndithengise 3 ubisi"
# REVIEW
welcome = 👍
# REVIEW
not-understood = ❓ Andikuvanga oko. Zama: "ndithengise izonka ezi-3", "faka 20 ubisi", "mangaphi amaqanda"
# REVIEW
plain-words-only = ❓ Andikuvanga oko. De kube ngomso ndifunda izivakalisi ezilula kuphela, njengokuthi "ndithengise izonka ezi-3" okanye "faka 20 ubisi"
# REVIEW
nothing-changed = 👍 Akukho nto itshintshileyo.
# REVIEW
out-of-scope = Ndigcina isitokhwe. Oko andikakwazi ukukwenza.
# REVIEW
not-yet = Oko andikakwazi ukukwenza. Akukho nto itshintshileyo. Ndiyakwazi ukongeza, ukukhupha, ukubala, ukubonisa isitokhwe nokurhoxisa.
# REVIEW
stranger = Le nombolo ayiqhagamshelwanga evenkileni. Cela umnini wevenkile akongeze.

## Messages that cannot be read

# REVIEW
too-long = ❓ Kude kakhulu ukuba ndikufunde ngokukhuselekileyo. Akukho nto itshintshileyo. Kuthumele ngemiyalezo emifutshane.
# REVIEW
cannot-read = ❓ Andikwazi ukufunda umyalezo onjalo. Akukho nto itshintshileyo. Bhala ngolu hlobo: "faka 20 ubisi"
# REVIEW
no-video = ❓ Andikwazi ukubukela iividiyo. Akukho nto itshintshileyo. Bhala ngolu hlobo: "faka 20 ubisi"
# REVIEW
no-location = Ndigcina isitokhwe. Andikwazi ukusebenzisa indawo esemephini. Akukho nto itshintshileyo.
# REVIEW
no-orders = Ndigcina isitokhwe. Andikwazi ukuthatha ii-odolo. Akukho nto itshintshileyo. Xa sele kuthengisiwe, thumela "ndithengise izonka ezi-3"
# REVIEW
file-lost = ❓ I-WhatsApp ayikwazanga ukundinika loo fayile. Akukho nto itshintshileyo. Thumela encinci, okanye ubhale ngolu hlobo: "faka 20 ubisi"

## Our fault

# REVIEW
failed = ⚠️ Akugcinwanga, kusilele icala lethu. Akukho nto itshintshileyo. Kuthumele kwakhona emva komzuzu. Inombolo { $reference }
# REVIEW
failed-in-doubt = ⚠️ Kusilele icala lethu phambi kokuba siphendule. Thumela "isitokhwe" ubone ukuba kugciniwe na phambi kokuba ukuthumele kwakhona. Inombolo { $reference }

## A message that was changed or deleted after it was handled

# REVIEW
stands-changed = ⚠️ Utshintshe umyalezo. Isitokhwe asitshintshanga nawo.
# REVIEW
stands-deleted = ⚠️ Ucime umyalezo. Isitokhwe asibuyiselwanga umva.
# REVIEW
stands-changed-or-deleted = ⚠️ Utshintshe okanye ucime umyalezo. Isitokhwe asibuyiselwanga umva.
# REVIEW
stands-unclear = ❓ Andikwazanga ukukufunda oko. Ukuba utshintshe okanye ucime umyalezo: isitokhwe asibuyiselwanga umva.
# REVIEW
still-counts = Kusabalwa: { $lines }
# REVIEW
last-saved = Okugcinwe okokugqibela: { $lines }
# REVIEW
a-count = ukubala
# REVIEW
stands-no-more = ↩️ Obekugcinwe ngulo myalezo sele kurhoxisiwe. Akukho nto itshintshileyo.
# REVIEW
changed-for-nothing = ❓ Andikwazi ukufunda umyalezo otshintshwe kamva. Akukho nto itshintshileyo. Wuthumele njengomtsha.

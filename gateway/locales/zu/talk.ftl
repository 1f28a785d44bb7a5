### Sentences that are the same for everybody. The arguments are explained in en/talk.ftl.

# REVIEW
help =
    Ngigcina isitoko sakho. Isibonelo, bhala:
    "engeza 20 ubisi" · "ngithengise izinkwa ezi-3" · "aphukile amaqanda ama-2"
    "ngibale 40 izikulufu" · "mangaki amaqanda" · "isitoko"
    "hlehlisa" ibuyisa okokugcina.
# REVIEW
hello = 👋 Sawubona! Ngitshele okungenile noma okuthengisiwe, kanje: "engeza 20 isinkwa" noma "ngithengise 3 ubisi"
# REVIEW
welcome = 👍
# REVIEW
not-understood = ❓ Angikuzwanga. Zama: "ngithengise izinkwa ezi-3", "engeza 20 ubisi", "mangaki amaqanda"
# REVIEW
plain-words-only = ❓ Angikuzwanga. Kuze kube kusasa ngifunda imisho elula kuphela, njengokuthi "ngithengise izinkwa ezi-3" noma "engeza 20 ubisi"
# REVIEW
nothing-changed = 👍 Akukho okushintshile.
# REVIEW
out-of-scope = Ngigcina isitoko. Lokho angikakwazi ukukwenza.
# REVIEW
not-yet = Lokho angikakwazi ukukwenza. Akukho okushintshile. Ngiyakwazi ukwengeza, ukukhipha, ukubala, ukukhombisa isitoko nokuhlehlisa.
# REVIEW
stranger = Le nombolo ayixhunyiwe esitolo. Cela umnikazi wesitolo akungeze.

## Messages that cannot be read

# REVIEW
too-long = ❓ Kude kakhulu ukuthi ngikufunde ngokuphepha. Akukho okushintshile. Kuthumele ngemiyalezo emifushane.
# REVIEW
cannot-read = ❓ Angikwazi ukufunda umyalezo onjalo. Akukho okushintshile. Bhala kanje: "engeza 20 ubisi"
# REVIEW
no-video = ❓ Angikwazi ukubuka amavidiyo. Akukho okushintshile. Bhala kanje: "engeza 20 ubisi"
# REVIEW
no-location = Ngigcina isitoko. Angikwazi ukusebenzisa indawo esebalazweni. Akukho okushintshile.
# REVIEW
no-orders = Ngigcina isitoko. Angikwazi ukuthatha ama-oda. Akukho okushintshile. Uma sekuthengisiwe, thumela "ngithengise izinkwa ezi-3"
# REVIEW
file-lost = ❓ I-WhatsApp ayikwazanga ukunginika lelo fayela. Akukho okushintshile. Thumela elincane, noma ubhale kanje: "engeza 20 ubisi"

## Our fault

# REVIEW
failed = ⚠️ Akulondolozwanga, kwehluleke uhlangothi lwethu. Akukho okushintshile. Kuthumele futhi emva komzuzu. Inkomba { $reference }
# REVIEW
failed-in-doubt = ⚠️ Kwehluleke uhlangothi lwethu ngaphambi kokuba siphendule. Thumela "isitoko" ubone ukuthi kulondoloziwe yini ngaphambi kokukuthumela futhi. Inkomba { $reference }

## A message that was changed or deleted after it was handled

# REVIEW
stands-changed = ⚠️ Ushintshe umyalezo. Isitoko asishintshanga nawo.
# REVIEW
stands-deleted = ⚠️ Usule umyalezo. Isitoko asibuyiselwanga emuva.
# REVIEW
stands-changed-or-deleted = ⚠️ Ushintshe noma usule umyalezo. Isitoko asibuyiselwanga emuva.
# REVIEW
stands-unclear = ❓ Angikwazanga ukukufunda lokho. Uma ushintshe noma usule umyalezo: isitoko asibuyiselwanga emuva.
# REVIEW
still-counts = Kusabalwa: { $lines }
# REVIEW
last-saved = Okulondolozwe okokugcina: { $lines }
# REVIEW
a-count = ukubala
# REVIEW
stands-no-more = ↩️ Obekulondolozwe yilowo myalezo kwase kuhlehlisiwe. Akukho okushintshile.
# REVIEW
changed-for-nothing = ❓ Angikwazi ukufunda umyalezo oshintshwe kamuva. Akukho okushintshile. Wuthumele njengomusha.

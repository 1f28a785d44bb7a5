### Voice notes, photos, documents, and the papers that were read from them. The arguments are explained in en/files.ftl.
### "save all", "fix", "cancel" and "remove" stand in English: these words are what is understood in answer.

## Files that cannot be read: each says that nothing changed

# REVIEW
no-voice = 🎤 Angikakwazi ukulalela imiyalezo yezwi. Akukho okushintshile. Ngicela ubhale, kanje: "ngithengise izinkwa ezi-3"
# REVIEW
no-photo = Angikakwazi ukufunda izithombe. Akukho okushintshile. Ngicela ubhale, kanje: "engeza 20 ubisi"
# REVIEW
no-document = Angikakwazi ukufunda umqulu onjalo. Akukho okushintshile. Ithebula le-CSV noma le-Excel elinamakholomu Item no-Qty liyasebenza.
# REVIEW
voice-busy = ⚠️ Angikwazi ukulalela manje. Akukho okushintshile. Ngicela ubhale, noma ukuthumele futhi kamuva.
# REVIEW
file-busy = ⚠️ Angikwazi ukukufunda manje. Akukho okushintshile. Ngicela ubhale, noma ukuthumele futhi kamuva.
# REVIEW
voice-unclear = ❓ Angikuzwanga kahle lokho. Akukho okushintshile. Kusho futhi, noma ubhale kanje: "ngithengise izinkwa ezi-3"
# REVIEW
file-unclear = ❓ Angikwazanga ukukufunda lokho. Akukho okushintshile. Isithombe esicacile nesiqondile sephepha lonke sisebenza kahle, noma ubhale.
# REVIEW
voice-empty = 🎤 Angizwanga lutho. Akukho okushintshile. Kusho futhi, noma ubhale kanje: "ngithengise izinkwa ezi-3"
# REVIEW
photo-empty = Angiboni sitoko kuleso sithombe. Akukho okushintshile.
# REVIEW
document-empty = Angiboni sitoko kulowo mqulu. Akukho okushintshile.
# REVIEW
file-gone = ⚠️ I-WhatsApp ayisenalo lelo fayela. Akukho okushintshile. Ngicela ulithumele futhi.
# REVIEW
file-too-large = ⚠️ Likhulu kakhulu: ubukhulu bungu-{ $mebibytes } MB. Akukho okushintshile. Thumela elifushane noma elincane.
# REVIEW
file-unknown = ❓ Angikwazi ukufunda ifayela elinjalo. Akukho okushintshile. Ngifunda imiyalezo yezwi, izithombe, i-PDF, i-CSV ne-Excel (xlsx).
# REVIEW
too-many-lines = ❓ Kunemigqa engaphezu kwengingakukhombisa yona: engama-60. Akukho okushintshile. Kuthumele ngezingxenye.

## Fixing a paper

# REVIEW
how-to-fix =
    Yini okumele ishintshe? Isibonelo
    "2: 12" inombolo yomugqa 2
    "2 is milk" into yomugqa 2
    "remove 3"
# REVIEW
no-such-line = ❓ Awukho umugqa onjalo: mingu-{ $amount }. Akukho okushintshile.
# REVIEW
no-line-left = 👍 Awusekho umugqa. Akukho okushintshile.
# REVIEW
answer-in-words = Thumela "save all", "fix" noma "cancel"

## A paper

# REVIEW
not-saved-yet = ❓ Akukalondolozwa:
# REVIEW
paper-booked = ⚠️ Leli phepha{ $number } laselibhaliwe njengo-#{ $reference }. Akukho okungeziwe.
# REVIEW
paper-booked-on = ⚠️ Leli phepha{ $number } laselibhaliwe njengo-#{ $reference } ngo-{ $day } { $month }. Akukho okungeziwe.
# REVIEW
month =
    { $count ->
        [1] Januwari
        [2] Februwari
        [3] Mashi
        [4] Ephreli
        [5] Meyi
        [6] Juni
        [7] Julayi
        [8] Agasti
        [9] Septhemba
        [10] Okthoba
        [11] Novemba
       *[12] Disemba
    }
# REVIEW
line-count =
    { $count ->
        [one] umugqa { $amount }
       *[other] imigqa { $amount }
    }
# REVIEW
could-not-read = ❓ { $amount } angikwazanga ukukufunda: kwengeze ngesandla
# REVIEW
mismatch = ⚠️ Imigqa ihlangana ku-{ $sum }, iphepha lithi { $total }
# REVIEW
came-in = Kungenile
# REVIEW
was-sold = Kuthengisiwe
# REVIEW
came-back = Kubuyile
# REVIEW
taken-off = Kukhishiwe
# REVIEW
was-counted = Kubaliwe
# REVIEW
all-of-it = konke
# REVIEW
line-missing = akukho esitokweni sakho
# REVIEW
line-unit = zingaki kokukodwa?
# REVIEW
line-fraction = okuphelele kuphela

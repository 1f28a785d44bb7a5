### Voice notes, photos, documents, and the papers that were read from them. The arguments are explained in en/files.ftl.
### "save all", "fix", "cancel" and "remove" stand in English: these words are what is understood in answer.

## Files that cannot be read: each says that nothing changed

# REVIEW
no-voice = 🎤 Andikakwazi ukumamela imiyalezo yelizwi. Akukho nto itshintshileyo. Ndicela ubhale, ngolu hlobo: "ndithengise izonka ezi-3"
# REVIEW
no-photo = Andikakwazi ukufunda iifoto. Akukho nto itshintshileyo. Ndicela ubhale, ngolu hlobo: "faka 20 ubisi"
# REVIEW
no-document = Andikakwazi ukufunda uxwebhu olunjalo. Akukho nto itshintshileyo. Itheyibhile yeCSV okanye yeExcel eneekholamu Item no-Qty iyasebenza.
# REVIEW
voice-busy = ⚠️ Andikwazi ukumamela ngoku. Akukho nto itshintshileyo. Ndicela ubhale, okanye ukuthumele kwakhona kamva.
# REVIEW
file-busy = ⚠️ Andikwazi ukukufunda ngoku. Akukho nto itshintshileyo. Ndicela ubhale, okanye ukuthumele kwakhona kamva.
# REVIEW
voice-unclear = ❓ Andikuvanga kakuhle oko. Akukho nto itshintshileyo. Kuthethe kwakhona, okanye ubhale ngolu hlobo: "ndithengise izonka ezi-3"
# REVIEW
file-unclear = ❓ Andikwazanga ukukufunda oko. Akukho nto itshintshileyo. Ifoto ecacileyo nethe ngqo yephepha lonke isebenza kakuhle, okanye ubhale.
# REVIEW
voice-empty = 🎤 Andivanga nto. Akukho nto itshintshileyo. Kuthethe kwakhona, okanye ubhale ngolu hlobo: "ndithengise izonka ezi-3"
# REVIEW
photo-empty = Andiboni sitokhwe kuloo foto. Akukho nto itshintshileyo.
# REVIEW
document-empty = Andiboni sitokhwe kolo xwebhu. Akukho nto itshintshileyo.
# REVIEW
file-gone = ⚠️ I-WhatsApp ayisenayo loo fayile. Akukho nto itshintshileyo. Ndicela uyithumele kwakhona.
# REVIEW
file-too-large = ⚠️ Inkulu kakhulu: ubukhulu yi-{ $mebibytes } MB. Akukho nto itshintshileyo. Thumela emfutshane okanye encinci.
# REVIEW
file-unknown = ❓ Andikwazi ukufunda ifayile enjalo. Akukho nto itshintshileyo. Ndifunda imiyalezo yelizwi, iifoto, iPDF, iCSV neExcel (xlsx).
# REVIEW
too-many-lines = ❓ Inemigca engaphezu kwendinokukubonisa yona: engama-60. Akukho nto itshintshileyo. Kuthumele ngamacandelo.

## Fixing a paper

# REVIEW
how-to-fix =
    Yintoni ekufuneka itshintshile? Umzekelo
    "2: 12" inani lomgca 2
    "2 is milk" into yomgca 2
    "remove 3"
# REVIEW
no-such-line = ❓ Akukho mgca unjalo: mi-{ $amount }. Akukho nto itshintshileyo.
# REVIEW
no-line-left = 👍 Akusekho mgca. Akukho nto itshintshileyo.
# REVIEW
answer-in-words = Thumela "save all", "fix" okanye "cancel"

## A paper

# REVIEW
not-saved-yet = ❓ Akukagcinwa:
# REVIEW
paper-booked = ⚠️ Eli phepha{ $number } sele libhaliwe njengo-#{ $reference }. Akukho nto yongeziweyo.
# REVIEW
paper-booked-on = ⚠️ Eli phepha{ $number } sele libhaliwe njengo-#{ $reference } ngo-{ $day } { $month }. Akukho nto yongeziweyo.
# REVIEW
month =
    { $count ->
        [1] Janyuwari
        [2] Februwari
        [3] Matshi
        [4] Epreli
        [5] Meyi
        [6] Juni
        [7] Julayi
        [8] Agasti
        [9] Septemba
        [10] Okthobha
        [11] Novemba
       *[12] Disemba
    }
# REVIEW
line-count =
    { $count ->
        [one] umgca { $amount }
       *[other] imigca { $amount }
    }
# REVIEW
could-not-read = ❓ { $amount } andikwazanga ukukufunda: kongeze ngesandla
# REVIEW
mismatch = ⚠️ Imigca idibana ku-{ $sum }, iphepha lithi { $total }
# REVIEW
came-in = Kungenile
# REVIEW
was-sold = Kuthengisiwe
# REVIEW
came-back = Kubuyile
# REVIEW
taken-off = Kukhutshiwe
# REVIEW
was-counted = Kubaliwe
# REVIEW
all-of-it = konke
# REVIEW
line-missing = akukho kwisitokhwe sakho
# REVIEW
line-unit = zingaphi kwenye?
# REVIEW
line-fraction = okupheleleyo kuphela

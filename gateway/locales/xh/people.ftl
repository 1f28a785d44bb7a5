### Who belongs to the shop. The arguments are explained in en/people.ftl.

# REVIEW
really-add = ❓ Ndongeze { $person } evenkileni?
# REVIEW
this-person = lo mntu
# REVIEW
person-added =
    ✅ { $person } wongezwe evenkileni
    Ngoku angabhalela le nombolo.
# REVIEW
person-added-before = 👍 { $person } sele esevenkileni. Akukho nto itshintshileyo.
# REVIEW
person-elsewhere = ⚠️ Akongezwanga: { $person } ngowenye ivenkile.
# REVIEW
person-without-number = ❓ Andiyiboni inombolo yeWhatsApp ka-{ $person }. Akukho mntu wongeziweyo. Thumela umntu onayo iWhatsApp.
# REVIEW
may-not-add = ⚠️ Ngumnini okanye umphathi kuphela onokongeza abantu. Akukho mntu wongeziweyo.
# REVIEW
one-at-a-time = ❓ Mnye ngexesha, ndicela: thumela umntu omnye, ndiza kubuza phambi kokumongeza. Akukho mntu wongeziweyo.
# REVIEW
number-noted = 👍 Enkosi, ngoku ndinayo inombolo yakho.
# REVIEW
number-taken = ⚠️ Ayibhalwanga: loo nombolo yeyomnye umntu apha. Akukho nto itshintshileyo.
# REVIEW
really-add-as = ❓ Ndongeze { $person } evenkileni njenge-{ $role }?
# REVIEW
members =
    { $count ->
        [one] 👥 Abantu evenkileni: { $amount }
       *[other] 👥 Abantu evenkileni: { $amount }
    }
    { $lines }
# REVIEW
not-written-yet = akakabhali
# REVIEW
role-owner = umnini
# REVIEW
role-manager = umphathi
# REVIEW
role-clerk = umsebenzi
# REVIEW
role-viewer = umbukeli
# REVIEW
which-phone = ❓ Ithini inombolo ka-{ $person }? Yithumele ngolu hlobo: "add { $person } 082 123 4567", okanye wabelane ngomntu lowo. Akukho mntu wongeziweyo.
# REVIEW
really-remove = ❓ Ndimkhuphe { $person } evenkileni? Akubhalileyo kuyasala.
# REVIEW
really-change = ❓ Ndenze { $person } abe { $role }?
# REVIEW
person-removed =
    ✅ { $person } ukhutshiwe evenkileni
    Akubhalileyo kuyasala.
# REVIEW
person-changed = ✅ { $person } ngoku ungu-{ $role }
# REVIEW
no-such-person = ❓ Akukho mntu evenkileni ubizwa ngokuba { $person }. Akukho nto itshintshileyo.
# REVIEW
who-there-is = Evenkileni: { $people }
# REVIEW
owners-only = ⚠️ Akugcinwanga: ngumnini kuphela onokwenza oko.
# REVIEW
last-owner = ⚠️ Akugcinwanga: ivenkile ifuna umnini. Qala wenze omnye umntu abe ngumnini.
# REVIEW
no-such-number = ❓ Akukho mntu evenkileni unaloo nombolo. Akukho nto itshintshileyo.

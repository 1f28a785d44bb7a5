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

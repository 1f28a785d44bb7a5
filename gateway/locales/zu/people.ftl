### Who belongs to the shop. The arguments are explained in en/people.ftl.

# REVIEW
really-add = ❓ Ngingeze { $person } esitolo?
# REVIEW
this-person = lo muntu
# REVIEW
person-added =
    ✅ { $person } ungeziwe esitolo
    Usengabhalela le nombolo manje.
# REVIEW
person-added-before = 👍 { $person } usevele usesitolo. Akukho okushintshile.
# REVIEW
person-elsewhere = ⚠️ Akangezwanga: { $person } ungowesinye isitolo.
# REVIEW
person-without-number = ❓ Angiyiboni inombolo ye-WhatsApp ka-{ $person }. Akekho ongeziwe. Thumela umuntu one-WhatsApp.
# REVIEW
may-not-add = ⚠️ Umnikazi noma umphathi kuphela ongangeza abantu. Akekho ongeziwe.
# REVIEW
one-at-a-time = ❓ Ngamunye, ngicela: thumela umuntu oyedwa, ngizobuza ngaphambi kokumngeza. Akekho ongeziwe.
# REVIEW
number-noted = 👍 Ngiyabonga, senginayo inombolo yakho.
# REVIEW
number-taken = ⚠️ Ayibhalwanga: leyo nombolo ingeyomunye umuntu lapha. Akukho okushintshile.

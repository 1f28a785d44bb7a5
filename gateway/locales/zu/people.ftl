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
# REVIEW
really-add-as = ❓ Ngingeze { $person } esitolo njenge-{ $role }?
# REVIEW
members =
    { $count ->
        [one] 👥 Abantu esitolo: { $amount }
       *[other] 👥 Abantu esitolo: { $amount }
    }
    { $lines }
# REVIEW
not-written-yet = akakabhali
# REVIEW
role-owner = umnikazi
# REVIEW
role-manager = umphathi
# REVIEW
role-clerk = umsebenzi
# REVIEW
role-viewer = obukayo
# REVIEW
which-phone = ❓ Ithini inombolo ka-{ $person }? Thumela kanje: "add { $person } 082 123 4567", noma wabelane ngoxhumana naye. Akekho ongeziwe.
# REVIEW
really-remove = ❓ Ngimkhiphe { $person } esitolo? Akubhalile kuyasala.
# REVIEW
really-change = ❓ Ngenze { $person } abe { $role }?
# REVIEW
person-removed =
    ✅ { $person } ukhishiwe esitolo
    Akubhalile kuyasala.
# REVIEW
person-changed = ✅ { $person } useyi-{ $role } manje
# REVIEW
no-such-person = ❓ Akekho esitolo obizwa ngokuthi { $person }. Akukho okushintshile.
# REVIEW
who-there-is = Esitolo: { $people }
# REVIEW
owners-only = ⚠️ Akulondolozwanga: umnikazi kuphela ongenza lokho.
# REVIEW
last-owner = ⚠️ Akulondolozwanga: isitolo sidinga umnikazi. Qala wenze omunye abe umnikazi.
# REVIEW
no-such-number = ❓ Akekho esitolo onaleyo nombolo. Akukho okushintshile.

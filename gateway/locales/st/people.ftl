### Who belongs to the shop. The arguments are explained in en/people.ftl.

# REVIEW
really-add = ❓ Ke kenye { $person } lebenkeleng?
# REVIEW
this-person = motho enwa
# REVIEW
person-added =
    ✅ { $person } o kentswe lebenkeleng
    Jwale a ka ngolla nomoro ena.
# REVIEW
person-added-before = 👍 { $person } o se a le lebenkeleng. Ha ho letho le fetohileng.
# REVIEW
person-elsewhere = ⚠️ Ha a kenngwa: { $person } ke wa lebenkele le leng.
# REVIEW
person-without-number = ❓ Ha ke bone nomoro ya WhatsApp ya { $person }. Ha ho motho ya kentsweng. Romela motho ya nang le WhatsApp.
# REVIEW
may-not-add = ⚠️ Ke mong kapa mookamedi feela ya ka kenyang batho. Ha ho motho ya kentsweng.
# REVIEW
one-at-a-time = ❓ A le mong ka nako, ke kopa: romela motho a le mong, ke tla botsa pele ke mo kenya. Ha ho motho ya kentsweng.
# REVIEW
number-noted = 👍 Kea leboha, jwale ke na le nomoro ya hao.
# REVIEW
number-taken = ⚠️ Ha e a ngolwa: nomoro eo ke ya motho e mong mona. Ha ho letho le fetohileng.
# REVIEW
really-add-as = ❓ Ke kenye { $person } lebenkeleng e le { $role }?
# REVIEW
members =
    { $count ->
        [one] 👥 Batho lebenkeleng: { $amount }
       *[other] 👥 Batho lebenkeleng: { $amount }
    }
    { $lines }
# REVIEW
not-written-yet = ha a so ngole
# REVIEW
role-owner = mong
# REVIEW
role-manager = mookamedi
# REVIEW
role-clerk = mosebetsi
# REVIEW
role-viewer = mosheberi
# REVIEW
which-phone = ❓ Nomoro ya { $person } ke efe? E romele tjena: "add { $person } 082 123 4567", kapa o romele motho eo. Ha ho motho ya kentsweng.
# REVIEW
really-remove = ❓ Ke ntshe { $person } lebenkeleng? Tseo a di ngotseng di a sala.
# REVIEW
really-change = ❓ Ke etse { $person } { $role }?
# REVIEW
person-removed =
    ✅ { $person } o ntshitswe lebenkeleng
    Tseo a di ngotseng di a sala.
# REVIEW
person-changed = ✅ { $person } jwale ke { $role }
# REVIEW
no-such-person = ❓ Ha ho motho lebenkeleng ya bitswang { $person }. Ha ho letho le fetohileng.
# REVIEW
who-there-is = Lebenkeleng: { $people }
# REVIEW
owners-only = ⚠️ Ha e a bolokwa: ke mong feela ya ka etsang seo.
# REVIEW
last-owner = ⚠️ Ha e a bolokwa: lebenkele le hloka mong. Qala ka ho etsa motho e mong mong.
# REVIEW
no-such-number = ❓ Ha ho motho lebenkeleng ya nang le nomoro eo. Ha ho letho le fetohileng.

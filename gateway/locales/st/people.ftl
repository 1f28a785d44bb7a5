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

### Questions, and the buttons under them. A button has room for 20 letters. The arguments are explained in en/ask.ftl.

## Buttons

# REVIEW
button-came-in = Kungenile
# REVIEW
button-sold = Kuthengisiwe
# REVIEW
button-counted = Kubaliwe
# REVIEW
button-yes = Yebo
# REVIEW
button-no = Cha
# REVIEW
button-save-all = Londoloza konke
# REVIEW
button-fix = Lungisa
# REVIEW
button-cancel = Khansela
# REVIEW
button-choose = Khetha
# REVIEW
button-undo = Hlehlisa

## Which

# REVIEW
or = noma
# REVIEW
which-direction = ❓ { $lines }: kungenile, kuthengisiwe noma kubaliwe?
# REVIEW
which-item = ❓ Kwani? Bhala kanje: "ngithengise izinkwa ezi-3"
# REVIEW
which-item-of = ❓ { $amount } kwani? Bhala kanje: "ngithengise { $amount } isinkwa"
# REVIEW
which-of =
    ❓ Iyiphi "{ $said }"?
    { $items }
# REVIEW
how-many = ❓ Kungaki? Bhala kanje: "ngithengise izinkwa ezi-3"
# REVIEW
how-many-of = ❓ Kungaki { $item }? Bhala kanje: "ngithengise 3 { $item }"
# REVIEW
which-number = ❓ { $item }: { $numbers }? Thumela inombolo eyodwa, kanje: "engeza 20 isinkwa"

## Whether it is meant

# REVIEW
really = ❓ { $lines }?
# REVIEW
really-forwarded = ❓ Lokhu ukudlulisile. Ngikubhale phansi?
# REVIEW
really-forwarded-lines =
    ❓ Lokhu ukudlulisile. Ngikubhale phansi?
    { $lines }
# REVIEW
really-undo = ❓ Ngihlehlise okokugcina?
# REVIEW
do-add = Engeza { $what }
# REVIEW
do-take-off = Khipha { $what }
# REVIEW
do-take-off-all = Khipha konke { $what }
# REVIEW
do-set = Beka ku-{ $what }

## What became of a question

# REVIEW
how-to-correct = ❓ Ukuze ulungise: thumela "hlehlisa", bese uthumela okulungile, kanje: "engeza 40 izikulufu". Akukho okushintshile okwamanje.
# REVIEW
undo-which = ❓ Yikuphi? Thepha Hlehlisa ngaphansi kwempendulo oyishoyo, noma uthumele u-"hlehlisa" wedwa ngokokugcina. Akukho okushintshile.
# REVIEW
dropped = 👍 Kushiywe kunjalo. Akukho okushintshile.
# REVIEW
already-answered = 👍 Usukuphendulile lokho. Akukho okunye okushintshile.
# REVIEW
question-gone = Lowo mbuzo usuvaliwe. Akukho okushintshile. Kuthumele futhi, kanje: "ngithengise izinkwa ezi-3"

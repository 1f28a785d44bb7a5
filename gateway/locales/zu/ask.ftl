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
# REVIEW
do-empty = Beka konke ku-0

## What became of a question

# REVIEW
how-to-correct = ❓ Kufanele kube yini? Thumela kanje: "cha 40" noma "bengisho ubisi". Akukho okushintshile okwamanje.
# REVIEW
undo-which = ❓ Yikuphi? Thepha Hlehlisa ngaphansi kwempendulo oyishoyo, noma uthumele u-"hlehlisa" wedwa ngokokugcina. Akukho okushintshile.
# REVIEW
dropped = 👍 Kushiywe kunjalo. Akukho okushintshile.
# REVIEW
already-answered = 👍 Usukuphendulile lokho. Akukho okunye okushintshile.
# REVIEW
question-gone = Lowo mbuzo usuvaliwe. Akukho okushintshile. Kuthumele futhi, kanje: "ngithengise izinkwa ezi-3"

## Of what was said before

# REVIEW
which-line =
    ❓ Yimuphi umugqa?
    { $lines }
# REVIEW
really-undo-many = ❓ Ngihlehlise ezakho zokugcina ezingu-{ $amount }?
# REVIEW
really-undo-these = ❓ Ngihlehlise { $lines }?
# REVIEW
really-undo-old = ❓ Lokho sekudlule usuku. Ngihlehlise { $lines }?
# REVIEW
which-day = ❓ { $lines }: ngaluphi usuku?
# REVIEW
button-today = Namuhla
# REVIEW
button-yesterday = Izolo
# REVIEW
how-many-in = ❓ Zingaki { $item } ku-{ $unit }? Thumela inombolo, njengo-12. Ngizokukhumbula.
# REVIEW
each-or-all = ❓ { $price } { $item }: ngayinye noma ngazo zonke?
# REVIEW
button-each = Ngayinye
# REVIEW
button-for-all = Ngazo zonke
# REVIEW
really-so-much = ❓ { $what }? Uvame ukwengeza { $usual }.
# REVIEW
really-so-much-else = ❓ { $what }? Kuvame ukuba { $usual }.
# REVIEW
question-replaced = Umbuzo omusha uthathe indawo yawo. Akukho okushintshile. Phendula lowo, noma uthumele umugqa futhi.
# REVIEW
still-open = Kusavuliwe: { $question }
# REVIEW
set-or-add = ❓ Restock { $lines }: ingabe kungeniswe phezu kwebekukhona, noma yilokho okukhona manje?

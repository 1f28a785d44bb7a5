### Questions, and the buttons under them. A button has room for 20 letters. The arguments are explained in en/ask.ftl.

## Buttons

# REVIEW
button-came-in = Kungenile
# REVIEW
button-sold = Kuthengisiwe
# REVIEW
button-counted = Kubaliwe
# REVIEW
button-yes = Ewe
# REVIEW
button-no = Hayi
# REVIEW
button-save-all = Gcina konke
# REVIEW
button-fix = Lungisa
# REVIEW
button-cancel = Rhoxisa
# REVIEW
button-choose = Khetha
# REVIEW
button-undo = Buyisela

## Which

# REVIEW
or = okanye
# REVIEW
which-direction = ❓ { $lines }: kungenile, kuthengisiwe okanye kubaliwe?
# REVIEW
which-item = ❓ Kwantoni? Bhala ngolu hlobo: "ndithengise izonka ezi-3"
# REVIEW
which-item-of = ❓ { $amount } kwantoni? Bhala ngolu hlobo: "ndithengise { $amount } isonka"
# REVIEW
which-of =
    ❓ Yeyiphi "{ $said }"?
    { $items }
# REVIEW
how-many = ❓ Kungaphi? Bhala ngolu hlobo: "ndithengise izonka ezi-3"
# REVIEW
how-many-of = ❓ Kungaphi { $item }? Bhala ngolu hlobo: "ndithengise 3 { $item }"
# REVIEW
which-number = ❓ { $item }: { $numbers }? Thumela inani elinye, ngolu hlobo: "faka 20 isonka"

## Whether it is meant

# REVIEW
really = ❓ { $lines }?
# REVIEW
really-forwarded = ❓ Oku ukudlulisile. Ndikubhale phantsi?
# REVIEW
really-forwarded-lines =
    ❓ Oku ukudlulisile. Ndikubhale phantsi?
    { $lines }
# REVIEW
really-undo = ❓ Ndirhoxise okokugqibela?
# REVIEW
do-add = Yongeza { $what }
# REVIEW
do-take-off = Khupha { $what }
# REVIEW
do-take-off-all = Khupha konke { $what }
# REVIEW
do-set = Beka ku-{ $what }
# REVIEW
do-empty = Beka konke ku-0

## What became of a question

# REVIEW
how-to-correct = ❓ Kufanele ibe yintoni? Thumela ngolu hlobo: "hayi 40" okanye "bendithetha ubisi". Akukho nto itshintshileyo okwangoku.
# REVIEW
undo-which = ❓ Kuphi? Cofa Buyisela phantsi kwempendulo oyithethayo, okanye uthumele u-"rhoxisa" yedwa ngokokugqibela. Akukho nto itshintshileyo.
# REVIEW
dropped = 👍 Kushiywe kunjalo. Akukho nto itshintshileyo.
# REVIEW
already-answered = 👍 Sele ukuphendule oko. Akukho nto yimbi itshintshileyo.
# REVIEW
question-gone = Loo mbuzo uvaliwe. Akukho nto itshintshileyo. Kuthumele kwakhona, ngolu hlobo: "ndithengise izonka ezi-3"

## Of what was said before

# REVIEW
which-line =
    ❓ Nguwuphi umgca?
    { $lines }
# REVIEW
really-undo-many = ❓ Ndirhoxise ezakho zokugqibela ezingu-{ $amount }?
# REVIEW
really-undo-these = ❓ Ndirhoxise { $lines }?
# REVIEW
really-undo-old = ❓ Oko sekudlule usuku. Ndirhoxise { $lines }?
# REVIEW
which-day = ❓ { $lines }: ngawuphi umhla?
# REVIEW
button-today = Namhlanje
# REVIEW
button-yesterday = Izolo
# REVIEW
how-many-in = ❓ Zingaphi { $item } ku-{ $unit }? Thumela inani, njengo-12. Ndiza kulikhumbula.
# REVIEW
each-or-all = ❓ { $price } { $item }: ngasinye okanye ngazo zonke?
# REVIEW
button-each = Ngasinye
# REVIEW
button-for-all = Ngazo zonke
# REVIEW
really-so-much = ❓ { $what }? Udla ngokongeza { $usual }.
# REVIEW
really-so-much-else = ❓ { $what }? Kudla ngokuba { $usual }.
# REVIEW
question-replaced = Umbuzo omtsha uthathe indawo yawo. Akukho nto itshintshileyo. Phendula lowo, okanye uthumele umgca kwakhona.
# REVIEW
still-open = Isavuliwe: { $question }
# REVIEW
set-or-add = ❓ Restock { $lines }: ingaba zongezelelwe phezu kwebezikho, okanye zezo zikhoyo ngoku?

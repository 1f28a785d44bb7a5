### Items beside their stock: what runs low, names, what happened to one. The arguments are explained in en/items.ftl.

## Running low

low =
    { $count ->
        [one] ⚠️ { $amount } item is min:
       *[other] ⚠️ { $amount } items is min:
    }
    { $lines }
finished =
    { $count ->
        [one] ⚠️ { $amount } item is klaar:
       *[other] ⚠️ { $amount } items is klaar:
    }
    { $lines }
low-line = { $item } { $balance } (waarskuwing by { $level })
nothing-low = 👍 Niks is min nie. Vir 'n waarskuwing, stuur "waarsku my as brood onder 5 is"
nothing-finished = 👍 Niks is klaar nie.
low-now = ⚠️ { $item } { $balance } oor (jy wou by { $level } gewaarsku word)
level-set = ✅ Ek waarsku jou as { $item } tot { $level } gesak het
level-off = ✅ Geen waarskuwings meer vir { $item } nie
which-level = ❓ Waarsku by hoeveel { $item }? Stuur dit soos "waarsku my as { $item } onder 5 is"

## Names

renamed =
    ✅ { $was } se naam is nou { $item }
    Die ou naam werk nog.
aliased = ✅ Reg so: "{ $alias }" beteken { $item }
name-taken = ⚠️ Nie gestoor nie: 'n ander item heet reeds { $item }.
really-archive = ❓ { $item } van jou lyste afhaal? Die boek sê daar is { $balance }.
archived =
    ✅ { $item } is van jou lyste af
    Wat daarmee gebeur het, bly opgeskryf.
really-merge = ❓ { $was } en { $item } een item maak? Dit bly { $item }, met { $balance } altesaam.
merged =
    ✅ { $was } en { $item } is nou een item: { $item }
    Albei name werk.
same-item = 👍 Albei name is reeds { $item }.
units-differ = ⚠️ Nie gestoor nie: { $was } en { $item } word in verskillende eenhede gehou. Tel eers een van hulle in die ander se eenheid.
managers-only = ⚠️ Nie gestoor nie: net die eienaar of 'n bestuurder kan dit doen.

## What happened to an item

history =
    📦 { $item } { $balance }
    { $lines }
history-none = Nog niks is neergeskryf nie.
history-older = … en ouer
kind-receipt = ingekom
kind-sale = verkoop
kind-return-in = teruggekom
kind-opening = eerste voorraad
kind-count = getel
kind-transfer = verskuif
kind-reversal = ontdoen
kind-adjustment = verander

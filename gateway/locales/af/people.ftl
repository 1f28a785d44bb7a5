### Who belongs to the shop. The arguments are explained in en/people.ftl.

really-add = ❓ { $person } by die winkel voeg?
this-person = hierdie persoon
person-added =
    ✅ { $person } is by die winkel gevoeg
    Hulle kan nou na hierdie nommer skryf.
person-added-before = 👍 { $person } is reeds in die winkel. Niks het verander nie.
person-elsewhere = ⚠️ Nie bygevoeg nie: { $person } hoort by 'n ander winkel.
person-without-number = ❓ Ek sien geen WhatsApp-nommer van { $person } nie. Niemand is bygevoeg nie. Deel die kontak van iemand wat WhatsApp het.
may-not-add = ⚠️ Net die eienaar of 'n bestuurder kan mense byvoeg. Niemand is bygevoeg nie.
one-at-a-time = ❓ Een op 'n slag, asseblief: deel een kontak, en ek sal vra voor ek hulle byvoeg. Niemand is bygevoeg nie.
number-noted = 👍 Dankie, ek het nou jou nommer.
number-taken = ⚠️ Nie genoteer nie: daardie nommer behoort hier aan iemand anders. Niks het verander nie.

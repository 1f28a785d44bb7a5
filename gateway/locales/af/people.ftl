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
really-add-as = ❓ { $person } as { $role } by die winkel voeg?
members =
    { $count ->
        [one] 👥 { $amount } mens in die winkel:
       *[other] 👥 { $amount } mense in die winkel:
    }
    { $lines }
not-written-yet = het nog nie geskryf nie
role-owner = eienaar
role-manager = bestuurder
role-clerk = klerk
role-viewer = kyker
which-phone = ❓ Wat is { $person } se nommer? Stuur dit soos "voeg { $person } 082 123 4567 by", of deel die kontak. Niemand is bygevoeg nie.
really-remove = ❓ { $person } uit die winkel haal? Wat hulle neergeskryf het, bly.
really-change = ❓ { $person } { $role } maak?
person-removed =
    ✅ { $person } is uit die winkel
    Wat hulle neergeskryf het, bly.
person-changed = ✅ { $person } is nou { $role }
no-such-person = ❓ Niemand in die winkel heet { $person } nie. Niks het verander nie.
who-there-is = In die winkel: { $people }
owners-only = ⚠️ Nie gestoor nie: net die eienaar kan dit doen.
last-owner = ⚠️ Nie gestoor nie: 'n winkel het 'n eienaar nodig. Maak eers iemand anders eienaar.
no-such-number = ❓ Niemand in die winkel het daardie nommer nie. Niks het verander nie.

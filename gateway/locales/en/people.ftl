### Who belongs to the shop. $person is a name, or "this person" when there is none.

# Here a name and a number: Thabo (+27…), or the number alone.
really-add = ❓ Add { $person } to the shop?
this-person = this person
person-added =
    ✅ Added { $person } to the shop
    They can write to this number now.
person-added-before = 👍 { $person } is in the shop already. Nothing changed.
person-elsewhere = ⚠️ Not added: { $person } belongs to another shop.
person-without-number = ❓ I see no WhatsApp number of { $person }. Nobody was added. Share the contact of somebody who has WhatsApp.
may-not-add = ⚠️ Only the owner or a manager can add people. Nobody was added.
one-at-a-time = ❓ One at a time, please: share one contact, and I will ask before I add them. Nobody was added.
number-noted = 👍 Thank you, I have your number now.
number-taken = ⚠️ Not noted: that number belongs to somebody else here. Nothing changed.

### Who belongs to the shop. $person is a name, or "this person" when there is none.

# Here a name and the end of a number: Thabo (…4567), or that alone.
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

# $role is one of the four below.
really-add-as = ❓ Add { $person } to the shop as { $role }?
# $lines are names with what each may do, one under the other.
members =
    { $count ->
        [one] 👥 { $amount } person in the shop:
       *[other] 👥 { $amount } people in the shop:
    }
    { $lines }
# Behind a role: somebody added them, and they never wrote.
not-written-yet = has not written yet
role-owner = owner
role-manager = manager
role-clerk = clerk
role-viewer = viewer
which-phone = ❓ What is the number of { $person }? Send it like "add { $person } 082 123 4567", or share the contact. Nobody was added.
really-remove = ❓ Take { $person } out of the shop? What they wrote down stays.
really-change = ❓ Make { $person } { $role }?
person-removed =
    ✅ { $person } is out of the shop
    What they wrote down stays.
person-changed = ✅ { $person } is { $role } now
no-such-person = ❓ Nobody in the shop is called { $person }. Nothing changed.
# $people are names.
who-there-is = In the shop: { $people }
owners-only = ⚠️ Not saved: only the owner can do that.
last-owner = ⚠️ Not saved: a shop needs an owner. Make somebody else owner first.
no-such-number = ❓ Nobody in the shop has that number. Nothing changed.

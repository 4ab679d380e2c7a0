"""Everything that can go wrong on purpose, as one tree.

Problem
├── Refused              a rule says no; nothing was written
│   ├── NotAllowed       ...to this actor: somebody else could
│   ├── NotNow           ...to anybody, as things stand; says what to change first
│   └── DeadLink         a registration link that no longer opens anything (R29)
├── Invalid              what was typed cannot be meant; field name -> sentence
│   └── InvalidLine      ...in one line of a file or of pasted text; the other lines go on (R18)
├── Missing              the thing named does not exist
├── Busy                 try again: another writer, a full gate, a database that is away
├── PostError            a mail was not handed over; says what the mail server answered and what that means
└── Misconfigured        the host must be put right; names the setting

Each has a code (a promise to scripts) and makes its sentence from its own fields, so that the console, the page
and the commands say the same. A bulk verb reports a refusal by its code alone; `about` rebuilds the sentence.
"""

from core.errors.changes import AddressTaken, AlreadyRun, ChangedSince, EditConflict, SenderMayNoLonger
from core.errors.families import (
    Busy,
    DatabaseAway,
    DeadLink,
    Invalid,
    InvalidAddress,
    InvalidFilter,
    Misconfigured,
    Missing,
    NotAllowed,
    NotNow,
    PostError,
    Problem,
    Refused,
    Setback,
    UnreadableFile,
)
from core.errors.lines import (
    BrokenQuote,
    ExtraColumn,
    GarbledText,
    HeaderLine,
    InvalidLine,
    LineTooLong,
    NameWithAddress,
    NulCharacter,
    SeveralAddresses,
)
from core.errors.people import (
    AlreadyActive,
    AlreadyArchived,
    LastAdmin,
    OwnAccount,
    PersonGone,
    PlanChanged,
    TargetNotBelowOwn,
    Unchanged,
)
from core.errors.places import GroupTooSmall, NotUnmergeable, PlaceInUse
from core.errors.refusals import (
    AddressHasAccount,
    AlreadyInvited,
    AlreadySetUp,
    AlreadyUndone,
    AlreadyUser,
    ArchivedUser,
    CapReached,
    GroupFull,
    InvitationClosed,
    InviterMayNoLonger,
    LinkExpired,
    LinkReplaced,
    LinkUnknown,
    LinkUsed,
    LinkWithdrawn,
    MailNotWaiting,
    NameTaken,
    NoPlaceLeft,
    NotUndoable,
    PermissionNeeded,
    RoleNotBelowOwn,
    SignedOut,
    TooManyTries,
    TwiceInFile,
    WrongCredentials,
)

__all__ = [
    "AddressHasAccount",
    "AddressTaken",
    "AlreadyActive",
    "AlreadyArchived",
    "AlreadyInvited",
    "AlreadyRun",
    "AlreadySetUp",
    "AlreadyUndone",
    "AlreadyUser",
    "ArchivedUser",
    "BrokenQuote",
    "Busy",
    "CapReached",
    "ChangedSince",
    "DatabaseAway",
    "DeadLink",
    "EditConflict",
    "ExtraColumn",
    "GarbledText",
    "GroupFull",
    "GroupTooSmall",
    "HeaderLine",
    "Invalid",
    "InvalidAddress",
    "InvalidFilter",
    "InvalidLine",
    "InvitationClosed",
    "InviterMayNoLonger",
    "LastAdmin",
    "LineTooLong",
    "LinkExpired",
    "LinkReplaced",
    "LinkUnknown",
    "LinkUsed",
    "LinkWithdrawn",
    "MailNotWaiting",
    "Misconfigured",
    "Missing",
    "NameTaken",
    "NameWithAddress",
    "NoPlaceLeft",
    "NotAllowed",
    "NotNow",
    "NotUndoable",
    "NotUnmergeable",
    "NulCharacter",
    "OwnAccount",
    "PermissionNeeded",
    "PersonGone",
    "PlaceInUse",
    "PlanChanged",
    "PostError",
    "Problem",
    "Refused",
    "RoleNotBelowOwn",
    "SenderMayNoLonger",
    "Setback",
    "SeveralAddresses",
    "SignedOut",
    "TargetNotBelowOwn",
    "TooManyTries",
    "TwiceInFile",
    "Unchanged",
    "UnreadableFile",
    "WrongCredentials",
]

//! The table of objects.

use super::{Field, Kind, Object};

const YES: bool = true;
const NO: bool = false;

/// What every object has.
pub(super) static SYSTEM: [Field; 7] = [
    Field::new("Id", Kind::Id).read_only(),
    Field::new("IsDeleted", Kind::Bool).read_only(),
    Field::new("CreatedDate", Kind::DateTime).read_only(),
    Field::new("CreatedById", Kind::Reference(&["User"], "CreatedBy")).read_only(),
    Field::new("LastModifiedDate", Kind::DateTime).read_only(),
    Field::new("LastModifiedById", Kind::Reference(&["User"], "LastModifiedBy")).read_only(),
    Field::new("SystemModstamp", Kind::DateTime).read_only(),
];

/// What objects have in an org of several currencies.
pub(super) static CURRENCY: Field = Field::new("CurrencyIsoCode", Kind::Picklist(&[], NO));

const OWNER: Field = Field::new("OwnerId", Kind::Reference(&["User"], "Owner"));
const ACCOUNT: Field = Field::new("AccountId", Kind::Reference(&["Account"], "Account"));
const DESCRIPTION: Field = Field::new("Description", Kind::Area(32_000));
const LAST_ACTIVITY: Field = Field::new("LastActivityDate", Kind::Date).read_only();
const WHO: Field = Field::new("WhoId", Kind::Reference(&["Contact"], "Who"));
const WHAT: Field =
    Field::new("WhatId", Kind::Reference(&["Account", "Opportunity", "Case", "Contract"], "What"));
const ROLLED_UP: Field = Field::new("AccountId", Kind::Reference(&["Account"], "Account")).read_only();
const SUBJECT: Field = Field::new("Subject", Kind::Text(255));
const MARK: Field = Field::new("Chancery_Id__c", Kind::Text(80)).external_id();

const fn object(
    name: &'static str,
    plural: &'static str,
    prefix: &'static str,
    fields: &'static [Field],
) -> Object {
    Object { name, plural, prefix, fields, writable: true, has_currency: true }
}

/// What the org's owner sets up, and no client changes.
const fn set_up(
    name: &'static str,
    plural: &'static str,
    prefix: &'static str,
    fields: &'static [Field],
) -> Object {
    Object { name, plural, prefix, fields, writable: false, has_currency: false }
}

/// Every object.
pub(in super::super) static OBJECTS: [Object; 14] = [
    object("Account", "Accounts", "001", &ACCOUNT_FIELDS),
    object("Contact", "Contacts", "003", &CONTACT_FIELDS),
    object("Opportunity", "Opportunities", "006", &OPPORTUNITY_FIELDS),
    object("Task", "Tasks", "00T", &TASK_FIELDS),
    object("Event", "Events", "00U", &EVENT_FIELDS),
    object("EmailMessage", "EmailMessages", "02s", &EMAIL_FIELDS),
    object("Case", "Cases", "500", &CASE_FIELDS),
    object("CaseComment", "CaseComments", "00a", &COMMENT_FIELDS),
    object("Contract", "Contracts", "800", &CONTRACT_FIELDS),
    set_up("User", "Users", "005", &USER_FIELDS),
    set_up("RecordType", "RecordTypes", "012", &RECORD_TYPE_FIELDS),
    set_up("OpportunityStage", "OpportunityStages", "01J", &STAGE_FIELDS),
    set_up("Organization", "Organizations", "00D", &ORGANIZATION_FIELDS),
    set_up("CurrencyType", "CurrencyTypes", "01L", &CURRENCY_FIELDS),
];

static ACCOUNT_FIELDS: [Field; 15] = [
    Field::new("Name", Kind::Text(255)).required(),
    Field::new("Website", Kind::Url),
    Field::new("Phone", Kind::Phone),
    Field::new("Type", Kind::Picklist(&["Customer", "Prospect", "Former Customer", "Partner"], NO)),
    Field::new("Industry", Kind::Picklist(&["Retail", "Travel", "Gaming", "Logistics", "Wholesale"], NO)),
    Field::new("Segment__c", Kind::Picklist(&["enterprise", "mid_market", "small"], YES)),
    Field::new("ERP_Customer__c", Kind::Text(40)).external_id(),
    Field::new("Billing_Customer__c", Kind::Text(60)).external_id(),
    Field::new("NumberOfEmployees", Kind::Int),
    Field::new("BillingCity", Kind::Text(40)),
    Field::new("BillingCountry", Kind::Text(80)),
    Field::new("ParentId", Kind::Reference(&["Account"], "Parent")),
    OWNER,
    DESCRIPTION,
    LAST_ACTIVITY,
];

static CONTACT_FIELDS: [Field; 10] = [
    ACCOUNT,
    Field::new("FirstName", Kind::Text(40)),
    Field::new("LastName", Kind::Text(80)).required(),
    Field::new("Name", Kind::Text(121)).read_only(),
    Field::new("Email", Kind::Email),
    Field::new("Phone", Kind::Phone),
    Field::new("Title", Kind::Text(128)),
    OWNER,
    DESCRIPTION,
    LAST_ACTIVITY,
];

static OPPORTUNITY_FIELDS: [Field; 17] = [
    ACCOUNT,
    Field::new("Name", Kind::Text(120)).required(),
    // Its values are the records of OpportunityStage.
    Field::new("StageName", Kind::Picklist(&[], NO)).required(),
    Field::new("Amount", Kind::Currency),
    Field::new("CloseDate", Kind::Date).required(),
    Field::new("Probability", Kind::Double),
    Field::new(
        "ForecastCategoryName",
        Kind::Picklist(&["Omitted", "Pipeline", "Best Case", "Commit", "Closed"], YES),
    ),
    Field::new("Type", Kind::Picklist(&["New Business", "Expansion", "Renewal"], NO)),
    Field::new("NextStep", Kind::Text(255)),
    Field::new("Loss_Reason__c", Kind::Text(255)),
    Field::new("IsClosed", Kind::Bool).read_only(),
    Field::new("IsWon", Kind::Bool).read_only(),
    Field::new("LastStageChangeDate", Kind::DateTime).read_only(),
    Field::new("RecordTypeId", Kind::Reference(&["RecordType"], "RecordType")),
    OWNER,
    DESCRIPTION,
    LAST_ACTIVITY,
];

static TASK_FIELDS: [Field; 15] = [
    WHO,
    WHAT,
    ROLLED_UP,
    SUBJECT,
    Field::new("Status", Kind::Picklist(&["Not Started", "In Progress", "Completed", "Deferred"], NO)),
    Field::new("Priority", Kind::Picklist(&["High", "Normal", "Low"], NO)),
    Field::new("ActivityDate", Kind::Date),
    Field::new("Type", Kind::Picklist(&["Call", "Email", "Meeting", "Note", "Other"], NO)),
    Field::new("TaskSubtype", Kind::Picklist(&["Task", "Call", "Email", "ListEmail"], YES)).at_birth(),
    Field::new("CallDurationInSeconds", Kind::Int),
    Field::new("IsClosed", Kind::Bool).read_only(),
    Field::new("CompletedDateTime", Kind::DateTime).read_only(),
    MARK,
    OWNER,
    DESCRIPTION,
];

static EVENT_FIELDS: [Field; 15] = [
    WHO,
    WHAT,
    ROLLED_UP,
    SUBJECT,
    Field::new("StartDateTime", Kind::DateTime),
    Field::new("EndDateTime", Kind::DateTime),
    Field::new("ActivityDateTime", Kind::DateTime),
    Field::new("DurationInMinutes", Kind::Int),
    Field::new("IsAllDayEvent", Kind::Bool),
    Field::new("IsChild", Kind::Bool).read_only(),
    Field::new("Type", Kind::Picklist(&["Call", "Email", "Meeting", "Other"], NO)),
    Field::new("Location", Kind::Text(255)),
    MARK,
    OWNER,
    DESCRIPTION,
];

static EMAIL_FIELDS: [Field; 10] = [
    Field::new("ActivityId", Kind::Reference(&["Task"], "Activity")),
    Field::new("ParentId", Kind::Reference(&["Case"], "Parent")),
    Field::new("RelatedToId", Kind::Reference(&["Account", "Opportunity", "Case"], "RelatedTo")),
    Field::new("Subject", Kind::Text(3_000)),
    Field::new("TextBody", Kind::Area(131_072)),
    Field::new("FromAddress", Kind::Email),
    Field::new("FromName", Kind::Text(1_000)),
    Field::new("ToAddress", Kind::Text(4_000)),
    Field::new("Incoming", Kind::Bool),
    Field::new("MessageDate", Kind::DateTime),
];

static CASE_FIELDS: [Field; 11] = [
    Field::new("CaseNumber", Kind::Text(30)).read_only(),
    ACCOUNT,
    Field::new("ContactId", Kind::Reference(&["Contact"], "Contact")),
    SUBJECT,
    Field::new(
        "Status",
        Kind::Picklist(&["New", "Working", "Waiting on Customer", "Escalated", "Closed"], NO),
    ),
    Field::new("Priority", Kind::Picklist(&["Critical", "High", "Medium", "Low"], NO)),
    Field::new("Origin", Kind::Picklist(&["Email", "Phone", "Web"], NO)),
    Field::new("IsClosed", Kind::Bool).read_only(),
    Field::new("ClosedDate", Kind::DateTime).read_only(),
    OWNER,
    DESCRIPTION,
];

static COMMENT_FIELDS: [Field; 3] = [
    Field::new("ParentId", Kind::Reference(&["Case"], "Parent")).required().at_birth(),
    Field::new("CommentBody", Kind::Area(4_000)),
    Field::new("IsPublished", Kind::Bool),
];

static CONTRACT_FIELDS: [Field; 10] = [
    Field::new("AccountId", Kind::Reference(&["Account"], "Account")).required(),
    Field::new("Name", Kind::Text(80)),
    Field::new("ContractNumber", Kind::Text(30)).read_only(),
    Field::new("StartDate", Kind::Date),
    Field::new("EndDate", Kind::Date).read_only(),
    Field::new("ContractTerm", Kind::Int),
    Field::new("Status", Kind::Picklist(&["Draft", "In Approval Process", "Activated", "Expired"], YES)),
    Field::new("Annual_Value__c", Kind::Currency),
    OWNER,
    DESCRIPTION,
];

static USER_FIELDS: [Field; 8] = [
    Field::new("Username", Kind::Text(80)).required(),
    Field::new("Email", Kind::Email).required(),
    Field::new("FirstName", Kind::Text(40)),
    Field::new("LastName", Kind::Text(80)).required(),
    Field::new("Name", Kind::Text(121)).read_only(),
    Field::new("Title", Kind::Text(80)),
    Field::new("UserType", Kind::Picklist(&["Standard", "CspLitePortal", "AutomatedProcess"], YES)),
    Field::new("IsActive", Kind::Bool),
];

static RECORD_TYPE_FIELDS: [Field; 4] = [
    Field::new("Name", Kind::Text(80)),
    Field::new("DeveloperName", Kind::Text(80)),
    Field::new("SobjectType", Kind::Text(40)),
    Field::new("IsActive", Kind::Bool),
];

static STAGE_FIELDS: [Field; 8] = [
    Field::new("MasterLabel", Kind::Text(255)),
    Field::new("ApiName", Kind::Text(255)),
    Field::new("IsActive", Kind::Bool),
    Field::new("IsClosed", Kind::Bool),
    Field::new("IsWon", Kind::Bool),
    Field::new("SortOrder", Kind::Int),
    Field::new("DefaultProbability", Kind::Double),
    Field::new("ForecastCategoryName", Kind::Text(40)),
];

static ORGANIZATION_FIELDS: [Field; 5] = [
    Field::new("Name", Kind::Text(80)),
    Field::new("IsSandbox", Kind::Bool),
    Field::new("InstanceName", Kind::Text(20)),
    Field::new("OrganizationType", Kind::Text(40)),
    Field::new("LanguageLocaleKey", Kind::Text(10)),
];

static CURRENCY_FIELDS: [Field; 5] = [
    Field::new("IsoCode", Kind::Text(3)),
    Field::new("ConversionRate", Kind::Double),
    Field::new("DecimalPlaces", Kind::Int),
    Field::new("IsActive", Kind::Bool),
    Field::new("IsCorporate", Kind::Bool),
];

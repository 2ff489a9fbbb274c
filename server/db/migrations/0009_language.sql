-- A person made unattended has chosen no language: until then it is the browser's.
alter table people add column language_chosen boolean not null default true;
update people set language_chosen = false where id in (select person_id from setup where name = 'Administrator');

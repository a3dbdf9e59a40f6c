begin;
create table public.orders (id bigint generated always as identity primary key, customer text not null);
create index on public.orders (customer);
insert into public.orders (customer) values ('ada'), ('grace');
update public.orders set customer = 'Ada' where customer = 'ada';
commit;

begin;
create table public.orders (id bigint generated always as identity primary key, customer text not null);
insert into public.orders (customer) values ('ada'), ('grace');
commit;

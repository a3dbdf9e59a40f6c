begin;
alter table public.orders add column unwanted int;
drop table public.order_lines;
commit;

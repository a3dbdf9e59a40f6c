\set ON_ERROR_STOP on
begin;
create table public.order_lines (order_id bigint references public.orders, amount numeric not null);
alter table public.orders add column note text;
commit;

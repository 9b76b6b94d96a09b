#![allow(clippy::unwrap_used)]
use domain::frame::{Frame,FrameColumn,Values}; use domain::{DataType,Role}; use domain::learn::{ModelKind,TrainSpec,ParameterValue}; use intelligence::{learn,detect};
fn col(name:&str, ty:DataType, role:Role, values:Values)->FrameColumn{FrameColumn{name:name.into(),label:domain::names::to_label(name),ty,role,format:None,values}}
fn members(all:Vec<&str>)->Values{let mut m:Vec<String>=vec![];let mut c=vec![];for a in all{let p=m.iter().position(|x|x==a).unwrap_or_else(||{m.push(a.into());m.len()-1});c.push(p as u32);}Values::Member{codes:c,members:m}}
fn sales(odd:&[(&str,f64)], scale:f64, only:Option<&str>)->Frame{
 let (mut day,mut region,mut amount,mut quantity,mut kind)=(vec![],vec![],vec![],vec![],vec![]);
 for i in 0..240u32{ let r=["North","South","West"][i as usize%3]; if only.is_some_and(|o|o!=r){continue}
  let wave=f64::from((i*37)%21)-10.0; let a=100.0+wave; day.push(1_735_689_600_000_000i64+i as i64*86_400_000_000);region.push(r);amount.push(a*scale);quantity.push((5+(i*7)%4) as f64);kind.push(if a>=100.0{"large"}else{"small"});}
 for (i,(r,a)) in odd.iter().enumerate(){ if only.is_some_and(|o|o!=*r){continue} day.push(1_761_955_200_000_000i64+i as i64*86_400_000_000);region.push(r);amount.push(*a);quantity.push(5.0);kind.push("large");}
 let rows=day.len();
 Frame{columns:vec![col("amount",DataType::Integer,Role::Measure,Values::Number(amount)),col("quantity",DataType::Integer,Role::Measure,Values::Number(quantity)),col("day",DataType::Date,Role::Time,Values::Time(day)),col("region",DataType::Text,Role::Dimension,members(region)),col("kind",DataType::Text,Role::Dimension,members(kind))],rows,total_rows:rows as u64}
}
fn nums(a:&[f64],q:&[f64])->Frame{Frame{rows:a.len(),total_rows:a.len() as u64,columns:vec![col("amount",DataType::Float,Role::Measure,Values::Number(a.to_vec())),col("quantity",DataType::Float,Role::Measure,Values::Number(q.to_vec()))]}}
fn main(){
 let det=|f:&Frame,c:f64|{let mut s=TrainSpec::new(ModelKind::IsolationForest,["amount","quantity"]);s.parameters.insert("contamination".into(),ParameterValue::Number(c));learn::train(f,&s,&mut|_|true).unwrap()};
 for odd in [vec![("North",250.0),("South",-50.0),("West",300.0)], vec![("North",250.0),("South",280.0),("West",300.0)], vec![("North",250.0)]] {
  let f=sales(&odd,1.0,None); let t=det(&f,0.012); let d=t.detection.clone().unwrap();
  let (_, a)=(0,&f.columns[0]); let vals=a.values.numbers().unwrap();
  let found:Vec<(f64,f64)>=d.anomalies.iter().filter(|x|x.score>=d.threshold).map(|x|(vals[x.index],x.score)).collect();
  println!("threshold {} found {found:?} bursts {} max-other {:?}",d.threshold,d.bursts.len(), d.scores.iter().zip(vals).filter(|(_,v)|(80.0..120.0).contains(*v)).map(|(s,_)|*s).fold(0.0,f64::max));
  let o=detect::ScoreOptions{threshold:Some(d.threshold),most:1000,dimensions:vec![]};
  let s=detect::score(&t.model,&nums(&[100.0,95.0,250.0,90.0,900.0,950.0],&[6.0,5.0,5.0,7.0,5.0,5.0]),&o).unwrap();
  println!("  sent {:?} anomalies {:?}",s.scores,s.anomalies.iter().map(|a|a.index).collect::<Vec<_>>());
  let one=detect::score(&t.model,&nums(&[900.0],&[5.0]),&o).unwrap(); println!("  alone {:?}",one.scores);
  let z=detect::score(&t.model,&f,&detect::ScoreOptions{threshold:Some(0.0),most:5,dimensions:vec!["region".into()]}).unwrap(); println!("  at 0: {} at 1: {}",z.scores.iter().filter(|s|**s>=0.0).count(), z.scores.iter().filter(|s|**s>=1.0).count());
  let saved=learn::save(&t.model).unwrap(); println!("  bytes {}",saved.bytes.len()); learn::load(&saved.bytes,Some(&saved.sha256)).unwrap();
  let rows:Vec<usize>=(0..f.rows).filter(|r|vals[*r]==300.0).collect(); if !rows.is_empty(){let n=detect::not_odd(&t.model,&f,&rows).unwrap();let d=detect::score(&n,&f,&detect::ScoreOptions::default()).unwrap();println!("  after not_odd thr {} found {:?}",d.threshold,d.anomalies.iter().map(|x|vals[x.index]).collect::<Vec<_>>());}
 }
 let north=sales(&[("North",250.0)],1.0,Some("North")); println!("north rows {}",north.rows); let t=det(&north,0.012); println!(" thr {}",t.detection.unwrap().threshold);
 let f=sales(&[],1.0,None);
 for (k,feat,target) in [(ModelKind::Logistic,vec!["amount","quantity"],Some("kind")),(ModelKind::Ridge,vec!["quantity","region"],Some("amount")),(ModelKind::ClassificationTree,vec!["amount","region"],Some("kind")),(ModelKind::ClassificationTree,vec!["amount"],Some("kind")),(ModelKind::Ridge,vec!["amount"],Some("quantity"))]{
  let mut s=TrainSpec::new(k,feat.clone()); s.target=target.map(Into::into);
  let t=learn::train(&f,&s,&mut|_|true).unwrap();
  println!("{k:?} {:?} features {:?}",t.report.metrics.iter().map(|m|(m.name.clone(),m.value,m.low,m.high)).collect::<Vec<_>>(),t.report.features.iter().map(|f|(f.name.clone(),f.kind)).collect::<Vec<_>>());
  let self_drift=learn::drift(&t.model,&f).unwrap(); let far=learn::drift(&t.model,&sales(&[],10.0,None)).unwrap();
  println!("  drift self {} {:?} thin {} far {} {:?} thin {}",self_drift.psi,self_drift.level,self_drift.is_thin,far.psi,far.level,far.is_thin);
  let ask=sales(&[],1.0,None); let p=learn::predict(&t.model,&ask).unwrap(); let right=p.rows.iter().enumerate().filter(|(i,r)|{ let (c,m)=ask.columns[4].values.members().unwrap(); r.value.to_text()==m[c[*i] as usize]}).count(); println!("  predicted right {right} first {:?}",p.rows[0]);
  let q=nums(&[108.0,90_000.0],&[6.0,6.0]); if k==ModelKind::Logistic{let p=learn::predict(&t.model,&q).unwrap();println!("  {:?} outside {:?}",p.rows,p.outside);}
  let text=String::from_utf8(learn::save(&t.model).unwrap().bytes).unwrap(); println!("  json has rows key {:?} {}",text.find("\"rows\":"),&text[..text.len().min(160)]);
 }
 let mut flat=TrainSpec::new(ModelKind::Logistic,["amount"]); flat.target=Some("kind".into());
 let ff=Frame{rows:4,total_rows:4,columns:vec![col("amount",DataType::Integer,Role::Measure,Values::Number(vec![1.0,2.0,3.0,4.0])),col("kind",DataType::Text,Role::Dimension,members(vec!["x","x","x","x"]))]};
 println!("one class: {:?}",learn::train(&ff,&flat,&mut|_|true).map(|_|()));
 // predict with a missing column
 let only=Frame{rows:1,total_rows:1,columns:vec![col("quantity",DataType::Float,Role::Measure,Values::Number(vec![5.0]))]};
 let mut s=TrainSpec::new(ModelKind::Ridge,["quantity","region"]); s.target=Some("amount".into()); let t=learn::train(&f,&s,&mut|_|true).unwrap(); println!("missing column: {:?}",learn::predict(&t.model,&only).map(|p|p.rows.len()));
}
